"""pycdlib as a reader: `read_bridge.py IMAGE rr_path|joliet_path|udf_path UNREAD` prints one line of JSON per path."""

import hashlib
import io
import json
import sys

import pycdlib


def main(image, tree, unread):
    iso = pycdlib.PyCdlib()
    iso.open(image)

    def tell(path, **entry):
        print(json.dumps([path, entry]))

    for folder, folders, files in iso.walk(**{tree: "/"}):
        below = folder.rstrip("/") + "/"
        for name in folders:
            tell(below + name, kind="directory")
        for name in files:
            record = iso.get_record(**{tree: below + name})
            rock_ridge = getattr(record, "rock_ridge", None)
            if rock_ridge is not None and rock_ridge.is_symlink():
                tell(below + name, kind="symlink", target=rock_ridge.symlink_path().decode())
                continue
            if below + name == unread:
                tell(below + name, kind="file", size=record.get_data_length())
                continue
            contents = io.BytesIO()
            iso.get_file_from_iso_fp(contents, **{tree: below + name})
            contents = contents.getvalue()
            tell(below + name, kind="file", size=len(contents), sha256=hashlib.sha256(contents).hexdigest())


main(*sys.argv[1:])
