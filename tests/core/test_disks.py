"""Which file system a file is on, by the table of mounts."""

from pathlib import Path

import pytest

from app.core.disks import mounted_type, network_file_system

# As Linux writes them: a root, a folder of another machine in it, a disk on top of that, a name
# with a space, one with optional fields, and one that is mounted over.
MOUNTS = r"""
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
25 27 0:23 / /dev/shm rw,nosuid,nodev shared:4 - tmpfs tmpfs rw,inode64
310 27 0:53 / /srv/recipes rw,relatime shared:163 - nfs4 nas:/export/recipes rw,vers=4.2,addr=10.0.0.2
311 310 8:17 / /srv/recipes/local rw,relatime shared:164 master:2 - xfs /dev/sdb1 rw
312 27 0:54 / /mnt/my\040share rw,relatime - cifs //nas/share rw,vers=3.1.1
313 27 0:55 / /mnt/c rw,noatime - 9p C:\134 rw,dirsync
314 27 0:56 / /home/cook/far rw,nosuid,nodev,relatime - fuse.sshfs cook@example.com: rw,user_id=0
315 27 8:33 / /data rw - ext4 /dev/sdc1 rw
316 315 0:57 / /data rw - nfs nas:/data rw
""".strip()  # noqa: E501 - A line of the table is one line.


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib/recipes/recipes.db", "ext4"),
        ("/dev/shm/recipes.db", "tmpfs"),  # noqa: S108 - Only its name is looked at.
        ("/srv/recipes", "nfs4"),
        ("/srv/recipes/data/recipes.db", "nfs4"),
        ("/srv/recipes/local/recipes.db", "xfs"),
        ("/srv/recipes-of-others/recipes.db", "ext4"),
        ("/mnt/my share/recipes.db", "cifs"),
        ("/mnt/c/Users/recipes.db", "9p"),
        ("/home/cook/far/recipes.db", "fuse.sshfs"),
        ("/data/recipes.db", "nfs"),
    ],
)
def test_the_mount_that_leads_there_tells_the_type(path: str, kind: str) -> None:
    assert mounted_type(MOUNTS, Path(path)) == kind


@pytest.mark.parametrize("mounts", ["", "\n", "27 1 254:0", "27 1 254:0 / / rw - "])
def test_a_table_that_is_none_tells_nothing(mounts: str) -> None:
    assert not mounted_type(mounts, Path("/recipes.db"))


def test_a_disk_of_this_machine_is_no_network(tmp_path: Path) -> None:
    assert network_file_system(tmp_path / "not" / "there.db") is None
    assert network_file_system(Path("/dev")) is None
