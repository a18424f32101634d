import Enforcement
import NIOCore

/// An event loop of NIO's as a session's: for sessions with TLS on either side.
final class NIOSessionLoop: SessionLoop, @unchecked Sendable {
    // Sendable: what sessions share is touched on the event loop alone.
    let eventLoop: any EventLoop
    let shared = SharedState()

    init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    var isOn: Bool { eventLoop.inEventLoop }

    func execute(_ task: @escaping @Sendable () -> Void) {
        eventLoop.execute(task)
    }

    func schedule(at uptimeNanoseconds: UInt64, _ task: @escaping () -> Void) -> any LoopTimer {
        let task = NIOLoopBound(task, eventLoop: eventLoop)
        return NIOLoopTimer(
            eventLoop.scheduleTask(deadline: .uptimeNanoseconds(uptimeNanoseconds)) { task.value() })
    }

    func link(
        _ runtime: ResourceRuntime, _ request: UpstreamRequest,
        completion: @escaping (Result<LinkedLeg, any Error>) -> Void
    ) {
        let leg = NIOLoopBound(NIOLeg(side: .upstream), eventLoop: eventLoop)
        let completion = NIOLoopBound(completion, eventLoop: eventLoop)
        runtime.link(
            database: request.database, parameters: request.parameters, on: eventLoop,
            prepare: { try $0.pipeline.syncOperations.addHandler(leg.value) }
        ).whenComplete { result in
            // During the login the login's handler reads; from here on the session says when.
            leg.value.setReading(false)
            completion.value(result.map { LinkedLeg(leg: leg.value, identity: $0.identity) })
        }
    }
}

extension NIOSessionLoop {
    func connect(_ runtime: ResourceRuntime, completion: @escaping (Result<any Leg, SidecarError>) -> Void) {
        let completion = NIOLoopBound(completion, eventLoop: eventLoop)
        let metrics = runtime.metrics
        let eventLoop = eventLoop
        runtime.connector.connect(on: eventLoop).flatMapThrowing { channel in
            let operations = channel.pipeline.syncOperations
            let chosen = try? operations.handler(type: NegotiatedProtocol.self).name
            if chosen == "h2" {
                return NIOLoopBound<any Leg>(try HTTP2UpstreamLeg.make(on: channel), eventLoop: eventLoop)
            }
            let leg = NIOLeg(side: .upstream)
            try operations.addHandler(leg)
            leg.setReading(false)
            return NIOLoopBound<any Leg>(leg, eventLoop: eventLoop)
        }.whenComplete { result in
            switch result {
            case .success(let leg):
                metrics.upstreamConnects.add()
                completion.value(.success(leg.value))
            case .failure(let error):
                metrics.upstreamFailures.add()
                completion.value(.failure(error as? SidecarError ?? SidecarError(.unavailable, "\(error)")))
            }
        }
    }

    func tell(_ runtime: ResourceRuntime, _ packet: [UInt8], failed: @escaping (SidecarError) -> Void) {
        let failed = NIOLoopBound(failed, eventLoop: eventLoop)
        runtime.connector.connect(on: eventLoop).whenComplete { result in
            switch result {
            case .success(let channel):
                let limit = channel.eventLoop.scheduleTask(in: .seconds(closingSeconds)) {
                    channel.close(promise: nil)
                }
                channel.closeFuture.whenComplete { _ in limit.cancel() }
                channel.writeAndFlush(ByteBuffer(bytes: packet), promise: nil)
            case .failure(let error):
                failed.value(error as? SidecarError ?? SidecarError(.unavailable, "\(error)"))
            }
        }
    }
}

private final class NIOLoopTimer: LoopTimer {
    private let scheduled: Scheduled<Void>

    init(_ scheduled: Scheduled<Void>) {
        self.scheduled = scheduled
    }

    func cancel() {
        scheduled.cancel()
    }
}
