"""What the store holds, in the words of GitHub's OpenAPI description, version 2022-11-28.

Plain dictionaries: this is the wire format, and a poll of a run should cost next to nothing. The tests hold
each against the models that githubkit generates from that description.
"""
