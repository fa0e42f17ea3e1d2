title "One page that stays spoils a block" zh "一页不动，毁了一块"
rules 6.1
ram 1M
zone Normal
pageblock_order 5
pcp off
watermarks off

for i in 0..223
  a[i] = alloc order=0 movable
end
for i in 0..111
  free a[2*i]
end
say "Seven pages are pinned, one in each pageblock. Which pageblock comes free?" zh "七个页被钉住，每个页块一个。哪个页块能空出来？"
for i in 0..6
  pin a[32*i+1]
end
compact_memory
say "45 pages moved for nothing: a pinned page is in every block. Now without pins." zh "搬了 45 页也没用：每块里都有一个钉住的页。现在不钉了。"
for i in 0..6
  unpin a[32*i+1]
end
compact_memory
