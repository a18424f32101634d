import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import javax.net.ssl.HttpsURLConnection;

/** Asks for a URL with nothing but what the environment's options say, and prints what came, and by whom its certificate is. */
public class EgressClient {
    public static void main(String[] arguments) throws Exception {
        System.out.println(System.getProperty("stile.kept"));
        HttpsURLConnection connection = (HttpsURLConnection) new URL(arguments[0]).openConnection();
        int status = connection.getResponseCode();
        X509Certificate leaf = (X509Certificate) connection.getServerCertificates()[0];
        try (InputStream body = connection.getInputStream()) {
            System.out.println(status + " " + new String(body.readAllBytes(), StandardCharsets.UTF_8));
        }
        System.out.println("issuer " + leaf.getIssuerX500Principal().getName());
    }
}
