title "kcompactd tidies up meanwhile" zh "kcompactd 在后台收拾"
rules 6.1
ram 2M
zone Normal
pageblock_order 6
pcp off
compaction on

p = exec
for i in 0..383
  a[i] = alloc order=0 movable
end
for i in 0..191
  free a[2*i]
end
say "Nobody waits: a turn of kcompactd follows each thing that p does." zh "没有人要等：p 每做一件事，kcompactd 就干一回。"
kcompactd
wait 1s
b = alloc order=6 movable
