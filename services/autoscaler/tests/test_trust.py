"""The API server is known by its cluster's authority, whatever extensions that has."""

import ssl

from heavylift_autoscaler.cluster.trust import usual_trust


def test_an_authority_without_the_newest_extensions_is_trusted_and_one_of_somebody_else_is_not():
    context = usual_trust()

    assert not context.verify_flags & ssl.VERIFY_X509_STRICT
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
