"""What is on a disk, and of which kind it is."""

import re
from pathlib import Path
from shutil import disk_usage

# Where several machines, or a machine and its guest, have the same files, memory that is mapped
# from them is not the same for all; SQLite's WAL needs that, and locks often only seem to work.
_NETWORK = {
    *("nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "lustre", "beegfs", "davfs"),
    *("9p", "virtiofs", "vboxsf", "fuse.vmhgfs-fuse", "fuse.grpcfuse", "fuse.osxfs"),
    *("fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.s3fs", "fuse.rclone", "fuse.davfs2"),
}
_ESCAPED = re.compile(r"\\([0-7]{3})")


def network_file_system(path: Path) -> str | None:
    """The type of the network file system that `path` is on; None where it is local or unknown."""
    try:
        # A mount point may have any bytes but a line feed.
        mounts = Path("/proc/self/mountinfo").read_text(errors="surrogateescape")
    except OSError:
        return None  # Only Linux tells.
    kind = mounted_type(mounts, path.resolve())
    return kind if kind in _NETWORK else None


def mounted_type(mounts: str, path: Path) -> str | None:
    """The type of the file system of `path` by the lines of /proc/self/mountinfo (see proc(5))."""
    found, kind = Path(), None
    for line in mounts.splitlines():
        mount, _, source = line.partition(" - ")
        fields = mount.split(" ")
        if len(fields) < 6 or not source:
            continue
        point = Path(_ESCAPED.sub(lambda match: chr(int(match[1], 8)), fields[4]))
        # The longest that leads there; of two at the same place the later one hides the other.
        if path.is_relative_to(point) and len(point.parts) >= len(found.parts):
            found, kind = point, source.split(" ")[0]
    return kind


def free_bytes(folder: Path) -> int:
    """What is free on the disk of `folder`, which may not have been made yet."""
    return disk_usage(next(each for each in (folder, *folder.parents) if each.exists())).free
