"""What the one AMI user of ccops may hear and do: what the code uses, and no more.

manager.conf is rendered from this. Classes as ``manager show command`` names them on Asterisk 22:

=================================== ====================
QueueAdd, QueueRemove, QueuePause   agent
Setvar, Redirect                    call
Getvar, CoreShowChannels            call or reporting
Reload                              system or config
QueueStatus, Ping, Login            none needed
=================================== ====================

For Reload, ``system`` is the lesser evil: it can load and restart what is there already, whereas
``config`` has UpdateConfig, which writes dialplan and so runs any command. Neither can place a
call, as ``originate`` is missing.
"""

from __future__ import annotations

from ccops.asterisk.live import EVENTS
from ccops.asterisk.render import ManagerAccess

MANAGER_ACCESS = ManagerAccess(
    # system: FullyBooted, awaited by the link; call: MusicOnHoldStop (an announcement begins)
    read=("system", "agent", "call"),
    write=("agent", "call", "reporting", "system"),
    events=(*EVENTS, "FullyBooted"),
)
