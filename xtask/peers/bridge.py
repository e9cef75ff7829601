"""pycdlib for the contests: `bridge.py TREE IMAGE` makes a bridge of ISO 9660 and UDF."""

import os
import sys

import pycdlib


def main(tree, image):
    iso = pycdlib.PyCdlib()
    iso.new(interchange_level=3, udf="2.60")
    numbers = iter(range(1 << 32))

    def add(folder, iso_folder, udf_folder):
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
            number = f"{next(numbers):07}"
            udf = f"{udf_folder}/{entry.name}"
            if entry.is_dir():
                iso_path = f"{iso_folder}/D{number}"
                iso.add_directory(iso_path, udf_path=udf)
                add(entry.path, iso_path, udf)
            else:
                iso.add_file(entry.path, f"{iso_folder}/F{number}.;1", udf_path=udf)

    add(tree, "", "")
    iso.write(image)
    iso.close()


main(*sys.argv[1:])
