"""``heavylift dev``: the whole of Heavylift in one terminal, until Ctrl-C."""

import shlex
from pathlib import Path
from typing import Final, TextIO

from heavylift.local.data_folder import sole_run
from heavylift.local.interruption import Interrupted, Interruption
from heavylift.local.stack import OWN_NAME, Stack
from heavylift.settings import LocalSettings

_BETWEEN_CHECKS: Final = 0.2  #: Seconds until it is noticed that a process has died.


def run(settings: LocalSettings, output: TextIO) -> int:
    """Start everything, invite to try it, run until Ctrl-C or SIGTERM, stop; the exit code.

    A second signal kills what the first one only asked to stop. Raises ConfigurationInvalid, MemberFailed.
    """
    directory = Path(settings.directory)
    with Interruption() as interruption, sole_run(directory):
        stack = Stack(settings, directory=directory, output=output, pause=interruption.pause)
        interruption.hurry = stack.kill
        try:
            _serve(stack, interruption)
        except Interrupted:
            stack.logs.say(OWN_NAME, "stopping; what is not done yet is kept for the next run (Ctrl-C again to kill)")
        finally:
            stack.stop()
        return 130 if interruption.hurried else 0


def _serve(stack: Stack, interruption: Interruption) -> None:
    stack.logs.say(OWN_NAME, "starting Redis, a worker, a scheduler and the API")
    stack.start()
    stack.logs.show(invitation(stack.url, stack.key_file))
    while True:
        interruption.pause(_BETWEEN_CHECKS)
        stack.check()


def invitation(url: str, key_file: str | None = None) -> str:
    """Three lines to try, each of which can be pasted as it is."""
    curl = "curl -s" if key_file is None else f'curl -s -H "authorization: Bearer $(cat {shlex.quote(key_file)})"'
    submit = (
        f"""{curl} {url}/v1/tasks -H 'content-type: application/json' -d '{{"kind":"demo.sleep","payload":{{"seconds":3}}}}'"""
    )
    return f"""
Heavylift is ready at {url} (documentation: {url}/docs). Ctrl-C stops it. Three lines to try:

  id=$({submit} | cut -d'"' -f4); echo $id
  {curl} "{url}/v1/tasks/$id?wait=30"
  {curl} {url}/v1/catalogue

"""
