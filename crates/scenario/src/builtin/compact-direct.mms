title "Enough is free, but in pieces" zh "够用，可是零散"
rules 6.1
ram 2M
zone Normal
pageblock_order 6
pcp off
compaction on

for i in 0..455
  a[i] = alloc order=0 movable
end
for i in 0..227
  free a[2*i]
end
say "Half is free, no two frames side by side. Pages move until 64 frames lie together." zh "一半空闲，却没有两个页框相邻。挪动页，直到 64 个页框连成一块。"
b = alloc order=6 movable
