"""Where tasks are kept.

``calls`` says what can be asked of a store, ``scripts`` how Redis does it, ``redis`` and ``memory`` run calls. The conformance
suite beside the tests of the store holds all of them to the same behaviour.
"""
