import importlib.metadata

TRAIN = {"1.45.1", "0.66b1"}


def test_all_of_opentelemetry_is_of_one_train() -> None:
    """Its packages are released together, and newest versions may be half published; a mix breaks at run time."""
    installed = {
        distribution.name: distribution.version
        for distribution in importlib.metadata.distributions()
        if distribution.name.startswith("opentelemetry-")
    }

    assert "opentelemetry-sdk" in installed
    assert {name: version for name, version in installed.items() if version not in TRAIN} == {}
