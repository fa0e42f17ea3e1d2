title "Read once, read twice" zh "读一次，读两次"
rules 6.1
ram 4M
zone Normal
page_group_by_mobility off
pcp off
reclaim on

f = file 128K
say "Each mark on the way has more read, ahead of the reader. New pages are inactive: one use may be the only one." zh "每到一个标记就再往前读。新页不活跃：也许只用这一次。"
cat f 0..64K
say "A second use makes them active." zh "再用一次就转为活跃。"
cat f 0..60K
