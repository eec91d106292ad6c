import Gateway
import Hummingbird
import HummingbirdTLS
import NIOHTTP2

