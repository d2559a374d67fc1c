"""The stage a rehearsal plays on, and the pytest plug-in."""
