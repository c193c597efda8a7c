# Sets the limits named by the first five arguments and becomes the program that the others name.
# Units of ulimit: KiB, seconds, 512-byte blocks. dash calls the number of processes -p, every other shell -u.
{ ulimit -c 0 && ulimit -v "$1" && ulimit -t "$2" && ulimit -f "$3" && ulimit -n "$4"; } || exit 125
{ ulimit -u "$5" || ulimit -p "$5"; } 2>/dev/null || exit 125
# When the machine runs out of memory, what is judged goes first.
{ echo 1000 >/proc/self/oom_score_adj; } 2>/dev/null
shift 5
exec "$@"
