import Enforcement
import Logging
import NIOCore
import NIOPosix
import Observability
import Policy
import SQLInspection
import TestKit
import Testing

@testable import Sidecar

@Suite("The catalog")
struct CatalogTests {
    private static let schema = """
        CREATE SCHEMA shop;
        CREATE TABLE shop.customers (id int, gone text, ssn text);
        ALTER TABLE shop.customers DROP COLUMN gone;
        CREATE VIEW shop.people AS SELECT id, ssn AS number FROM shop.customers;
        CREATE TABLE shop.orders (id int, at date) PARTITION BY RANGE (at);
        CREATE TABLE shop.orders_1 PARTITION OF shop.orders FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
        CREATE FUNCTION shop.f() RETURNS int LANGUAGE sql AS 'SELECT 1';
        CREATE TEMPORARY TABLE fleeting (i int);
        """

    private func service(_ metrics: SidecarMetrics) -> CatalogService {
        CatalogService(
            group: MultiThreadedEventLoopGroup.singleton, registry: SessionRegistry(), metrics: metrics,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, pollMilliseconds: 60_000)
    }

    @Test("holds relations, columns, view definitions, parents and functions") func loads() async throws {
        let server = try await PostgresServer()
        try await server.sql(Self.schema)
        let fixture = try UpstreamFixture()
        let service = service(fixture.metrics)
        let snapshot = try await service.catalog(for: fixture.runtime(server), database: "postgres").snapshot
        let customers = try #require(snapshot.relation(schema: "shop", name: "customers"))
        #expect(customers.kind == .table)
        #expect(customers.columns.map(\.name) == ["id", "ssn"])
        #expect(customers.columns.map(\.number) == [1, 3])
        #expect(customers.columns.map(\.typeOID) == [23, 25])
        let people = try #require(snapshot.relation(schema: "shop", name: "people"))
        #expect(people.kind == .view)
        #expect(people.definition?.contains("shop.customers") == true, "\(people.definition ?? "")")
        let orders = try #require(snapshot.relation(schema: "shop", name: "orders"))
        #expect(orders.kind == .partitionedTable)
        #expect(snapshot.relation(schema: "shop", name: "orders_1")?.parents == [orders.oid])
        #expect(snapshot.functions.contains(CatalogSnapshot.Function(schema: "shop", name: "f")))
        #expect(snapshot.relation(schema: "pg_catalog", name: "pg_class")?.columns.isEmpty == false)
        #expect(snapshot.relation(oid: customers.oid)?.name == "customers")
        #expect(!snapshot.relations.contains { $0.name == "fleeting" })
        await service.closeAll()
    }

    @Test(
        "is read again after every kind of change, and only then",
        arguments: [
            "CREATE TABLE shop.more (i int)", "DROP TABLE shop.orders_1", "ALTER TABLE shop.customers RENAME ssn TO n",
            "ALTER TABLE shop.orders ALTER id TYPE bigint", "ALTER TABLE shop.customers RENAME TO clients",
            "CREATE OR REPLACE VIEW shop.people AS SELECT id, id::text AS number FROM shop.customers",
            "ALTER SCHEMA shop RENAME TO store", "ALTER TABLE shop.orders DETACH PARTITION shop.orders_1",
            "DROP FUNCTION shop.f()",
            "DROP VIEW shop.people; CREATE VIEW shop.people AS SELECT 1 AS id, ''::text AS number",
        ])
    func notices(_ change: String) async throws {
        let server = try await PostgresServer(authentication: .trust)
        try await server.sql(Self.schema)
        let fixture = try UpstreamFixture()
        let service = service(fixture.metrics)
        let runtime = try fixture.runtime(server)
        let first = try await service.catalog(for: runtime, database: "postgres")
        try await server.sql(
            """
            CREATE TEMPORARY TABLE t (i int); DROP TABLE t; INSERT INTO shop.customers VALUES (1, 'x');
            ANALYZE shop.customers; VACUUM shop.customers; CREATE TEMPORARY TABLE stays (i int)
            """)
        #expect(try await service.refresh(runtime, database: "postgres").version == first.version)
        try await server.sql(change)
        let second = try await service.refresh(runtime, database: "postgres")
        #expect(second.version != first.version)
        #expect(fixture.metrics.catalogLoads.value == 2)
        await service.closeAll()
    }

    @Test("survives the end of its connection") func reconnects() async throws {
        let server = try await PostgresServer(authentication: .trust)
        let fixture = try UpstreamFixture()
        let service = service(fixture.metrics)
        let runtime = try fixture.runtime(server)
        _ = try await service.catalog(for: runtime, database: "postgres")
        try await server.stop()
        await #expect(throws: (any Error).self) { try await service.refresh(runtime, database: "postgres") }
        #expect(fixture.metrics.catalogFailures.value == 1)
        try await server.start()
        try await server.sql("CREATE TABLE more (i int)")
        let catalog = try await service.refresh(runtime, database: "postgres")
        #expect(catalog.snapshot.relation(schema: "public", name: "more") != nil)
        await service.closeAll()
    }

    @Test("gives up on a server that does not answer") func silentServer() async throws {
        let server = try await PostgresServer(authentication: .trust)
        let fixture = try UpstreamFixture()
        let queries = try await UpstreamQueries.open(
            try fixture.runtime(server), database: "postgres", on: MultiThreadedEventLoopGroup.singleton.next())
        let error = await #expect(throws: UpstreamQueryError.self) {
            _ = try await queries.run("SELECT pg_sleep(60)", within: .milliseconds(100))
        }
        #expect(error?.description == "the server did not answer in time")
        try await queries.link.channel.closeFuture.get()
    }

    @Test("is too old once it could not be compared for so long, and not while nobody uses it") func ages() async throws
    {
        let server = try await PostgresServer(authentication: .trust)
        let fixture = try UpstreamFixture()
        let runtime = try fixture.runtime(server)
        let catalog = DatabaseCatalog(
            database: "postgres", eventLoop: MultiThreadedEventLoopGroup.singleton.next(), metrics: fixture.metrics,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        _ = try await catalog.current(runtime, maximumAgeMilliseconds: 0)
        #expect(await !catalog.isOlder(thanMilliseconds: 60_000))
        try await server.stop()
        await #expect(throws: (any Error).self) { try await catalog.current(runtime, maximumAgeMilliseconds: 0) }
        #expect(await catalog.isOlder(thanMilliseconds: 0))
        await catalog.rest()
        #expect(await !catalog.isOlder(thanMilliseconds: 60_000))
    }

    @Test("is read once for all that ask at the same time") func coalesces() async throws {
        let server = try await PostgresServer(authentication: .trust)
        let fixture = try UpstreamFixture()
        let service = service(fixture.metrics)
        let runtime = try fixture.runtime(server)
        let versions = try await withThrowingTaskGroup(of: UInt64.self) { tasks in
            for _ in 0..<20 {
                tasks.addTask { try await service.catalog(for: runtime, database: "postgres").version }
            }
            return try await tasks.reduce(into: Set<UInt64>()) { $0.insert($1) }
        }
        #expect(versions.count == 1)
        #expect(fixture.metrics.catalogLoads.value == 1)
        await service.closeAll()
    }
}
