"""Network file systems and free disk space."""

import re
from pathlib import Path
from shutil import disk_usage

# File systems shared by machines, or by a host and its guest: their memory maps are not coherent,
# which SQLite's WAL requires, and their locks are unreliable.
_NETWORK = {
    *("nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "lustre", "beegfs", "davfs"),
    *("9p", "virtiofs", "vboxsf", "fuse.vmhgfs-fuse", "fuse.grpcfuse", "fuse.osxfs"),
    *("fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.s3fs", "fuse.rclone", "fuse.davfs2"),
}
_ESCAPED = re.compile(r"\\([0-7]{3})")


def network_file_system(path: Path) -> str | None:
    """Return the type of the network file system of `path`, or None if local or unknown."""
    try:
        # A mount point may have any bytes except a line feed.
        mounts = Path("/proc/self/mountinfo").read_text(errors="surrogateescape")
    except OSError:
        return None  # Not Linux.
    kind = mounted_type(mounts, path.resolve())
    return kind if kind in _NETWORK else None


def mounted_type(mounts: str, path: Path) -> str | None:
    """Return the type of the file system of `path`, from /proc/self/mountinfo (see proc(5))."""
    found, kind = Path(), None
    for line in mounts.splitlines():
        mount, _, source = line.partition(" - ")
        fields = mount.split(" ")
        if len(fields) < 6 or not source:
            continue
        point = Path(_ESCAPED.sub(lambda match: chr(int(match[1], 8)), fields[4]))
        # The longest mount point wins; of two equal ones the later hides the earlier.
        if path.is_relative_to(point) and len(point.parts) >= len(found.parts):
            found, kind = point, source.split(" ")[0]
    return kind


def free_bytes(folder: Path) -> int:
    """Return the free bytes on the disk of `folder`, which need not exist."""
    return disk_usage(next(each for each in (folder, *folder.parents) if each.exists())).free
