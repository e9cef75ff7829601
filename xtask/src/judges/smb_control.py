"""Sends control codes to files on an SMB 3.0 share, and prints the server's NTSTATUS for each.

Arguments: port, share, file in it, then the codes. A line each: what was opened, code, status.
"""

import sys

from impacket.smb3structs import FILE_DIRECTORY_FILE, FILE_OPEN, SMB2_DIALECT_30
from impacket.smbconnection import SMBConnection

FILE_GENERIC_READ_WRITE = 0x0012019F
SHARE_ALL = 7
SMB2_0_IOCTL_IS_FSCTL = 1
# FILE_MAKE_COMPATIBLE_BUFFER with CloseDisc FALSE.
CLOSE_DISC_FALSE = b"\0"


def status(server, tree, opened, code):
    try:
        server.ioctl(tree, opened, code, SMB2_0_IOCTL_IS_FSCTL, CLOSE_DISC_FALSE, maxOutputResponse=0)
    except Exception as error:
        if not hasattr(error, "get_error_code"):
            raise
        return error.get_error_code()
    return 0


def main():
    port, share, name, *codes = sys.argv[1:]
    client = SMBConnection(
        "127.0.0.1", "127.0.0.1", sess_port=int(port), preferredDialect=SMB2_DIALECT_30
    )
    client.login("root", "disc")
    print("dialect", hex(client.getDialect()), 0)
    server = client.getSMBServer()
    tree = client.connectTree(share)
    for what, path, options in [("file", name, 0), ("directory", "", FILE_DIRECTORY_FILE)]:
        opened = server.create(
            tree, path, FILE_GENERIC_READ_WRITE, SHARE_ALL, options, FILE_OPEN, 0
        )
        for code in codes:
            print(what, code, hex(status(server, tree, opened, int(code, 16))))
        server.close(tree, opened)


main()
