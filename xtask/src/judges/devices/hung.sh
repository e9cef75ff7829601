# Commands that the drive never answers: the kernel aborts them after a time limit, parallel to all other work.

silence='the drive did not answer in time, and the host aborted the command or reset the drive'

hung_write() {
    name="a WRITE that hangs"
    part "$name"
    committed bd-r 'hang at WRITE(10) 2'
    judge_refusal "$name" "WRITE(10) failed at block [0-9]*: $silence" $O add "$device" "$M/more" "$M/tree/large"
    # Uncommitted blocks follow the committed ones: the kernel searches there, and the program goes back.
    judge "$name, what was committed" holds_large
    continued
}

holds_large() { $O cat "$device" /tree/large | cmp - "$M/tree/large"; }

# One READ when the program opens the volume, and one between the end of the session and its close. The kernel reads no blocks
# before a disc is mounted.
hung_read() {
    for number in 3 8; do
        name="a READ that hangs, number $number of a close"
        part "$name"
        committed dvd+r "hang at READ(10) $number"
        judge_refusal "$name" "READ(10) failed at block [0-9]*: $silence" $O close "$device"
        look "$name" "$M/one"
        judge "$name, closed" $O close "$device"
        continued
    done
}

# They wait parallel to the rest of the script.
beside hung_write
beside hung_read
