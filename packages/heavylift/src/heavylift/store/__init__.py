"""Where tasks are kept.

``calls`` says what can be asked of a store, ``scripts`` how Redis does it, ``redis`` and ``memory`` run calls, and
``conformance`` holds both to the same behaviour.
"""
