# The trees that the lives of discs on devices record.
mkdir -p "$M/first/below" "$M/second" "$M/third"
bytes "$M/first/a" 70000
bytes "$M/first/below/b" 2049
ln -s below/b "$M/first/link"
: > "$M/first/empty"
bytes "$M/second/c" 40000
bytes "$M/third/d" 100000
