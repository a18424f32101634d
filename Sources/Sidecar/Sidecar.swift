import AsyncHTTPClient
import GRPCCore
import GRPCNIOTransportHTTP2
import GRPCProtobuf
import NIOSSL
import ServiceLifecycle
import X509

enum SidecarPlaceholder {}
