"""The whole OpenAPI document, put to the API by schemathesis: ``make fuzz``, and a short run with every run of the tests."""
