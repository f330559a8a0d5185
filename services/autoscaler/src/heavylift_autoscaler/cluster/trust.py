"""Which certificates of the API server are good enough."""

import ssl

from urllib3.util.ssl_ import create_urllib3_context


def usual_trust() -> ssl.SSLContext:
    """As before Python 3.13, which insists on extensions that the authorities of many clusters do not have."""
    context = create_urllib3_context()
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context
