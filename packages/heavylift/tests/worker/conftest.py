"""What a machine must allow for some of these tests."""

from tests.support.cgroup import can_make_cgroups

#: A real OOM kill takes a cgroup of our own. Elsewhere its parts are tested on files, in test_oom.py.
collect_ignore = [] if can_make_cgroups() else ["test_oom_kill.py"]
