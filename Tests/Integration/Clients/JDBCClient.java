import java.sql.*;
import java.util.*;

/** The JDBC driver: extended protocol, server-prepared after five uses, fetch sizes, batches, metadata. */
public class JDBCClient {
    public static void main(String[] arguments) throws Exception {
        String url = "jdbc:postgresql://" + System.getenv("PGHOST") + ":" + System.getenv("PGPORT") + "/"
            + System.getenv("PGDATABASE") + "?sslmode=prefer";
        try (Connection connection = DriverManager.getConnection(url, System.getenv("PGUSER"), System.getenv("PGPASSWORD"))) {
            try (PreparedStatement statement = connection.prepareStatement(
                    "SELECT id, flag, big, exact, words, bytes, day, uid, docb, ints FROM t.kinds WHERE id <= ? ORDER BY id")) {
                for (int round = 0; round < 8; round++) {
                    statement.setInt(1, 2);
                    try (ResultSet rows = statement.executeQuery()) {
                        StringBuilder line = new StringBuilder();
                        while (rows.next())
                            for (int column = 1; column <= 10; column++) {
                                Object value = rows.getObject(column);
                                line.append(value instanceof byte[] ? Arrays.toString((byte[]) value) : String.valueOf(value)).append('|');
                            }
                        System.out.println(line);
                    }
                }
            }
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.setFetchSize(100);
                long sum = 0;
                try (ResultSet rows = statement.executeQuery("SELECT n FROM generate_series(1, 1000) n")) {
                    while (rows.next()) sum += rows.getInt(1);
                }
                System.out.println(sum);
            }
            try (PreparedStatement insert = connection.prepareStatement("INSERT INTO t.work VALUES (?, ?)")) {
                for (int n = 0; n < 100; n++) { insert.setInt(1, n); insert.setString(2, "n" + n); insert.addBatch(); }
                System.out.println(Arrays.stream(insert.executeBatch()).sum());
            }
            connection.rollback();
            connection.setAutoCommit(true);
            try (Statement statement = connection.createStatement()) {
                statement.executeQuery("SELECT 1/0");
            } catch (SQLException error) {
                System.out.println(error.getSQLState() + " " + error.getMessage());
            }
            DatabaseMetaData metadata = connection.getMetaData();
            try (ResultSet rows = metadata.getColumns(null, "t", "kinds", null)) {
                while (rows.next()) System.out.println(rows.getString("COLUMN_NAME") + " " + rows.getString("TYPE_NAME"));
            }
            try (ResultSet rows = metadata.getPrimaryKeys(null, "t", "kinds")) {
                while (rows.next()) System.out.println(rows.getString("COLUMN_NAME"));
            }
            try (Statement statement = connection.createStatement()) {
                statement.setQueryTimeout(1);
                statement.execute("SELECT pg_sleep(30)");
            } catch (SQLException error) {
                System.out.println(error.getSQLState());
            }
        }
    }
}
