title "Refill by four, drain by four, eight, sixteen" zh "补充每次四页，退回先四页，再八页、十六页"
rules 6.1
ram 4M
zone Normal
page_group_by_mobility on
watermarks off
pageblocks Normal 11
free_list Normal 10 Movable: 0x0
pcp_sizes Normal cpu=0 high=20 batch=4

say "This CPU may keep 20 pages of the zone (high) and fetches 4 at once (batch)." zh "这个 CPU 最多可留 20 页（high），一次取 4 页（batch）。"
pair[0] = alloc order=1 movable
pair[1] = alloc order=1 movable
say "Single pages: one request in four reaches the buddy system." zh "要单页：四次请求里只有一次找到伙伴系统。"
for i in 0..35
  p[i] = alloc order=0 movable
end
say "Now 19 pages come back. All of them stay with the CPU." zh "现在还回来 19 页，全都留在 CPU 手里。"
for i in 0..18
  free p[i]
end
say "The 20th is one too many. How many leave, and which: those that came first, or last?" zh "第 20 页就到了上限。会退回几页？是先还的，还是后还的？"
free p[19]
say "The CPU keeps freeing, so the next drain is twice as large: 8 pages when there are 20 again." zh "一直在释放，下一次就退回加倍：再满 20 页时退回 8 页。"
for i in 20..23
  free p[i]
end
say "And then 16. It never goes further: a batch has to stay." zh "再下一次退回 16 页。不会再多了：总要留下一批。"
for i in 24..31
  free p[i]
end
say "A single request halves what the next drain gives back." zh "只要有一次请求，下一次退回的页数就减半。"
q = alloc order=0 movable
say "A block of order 1 right after drains: so much is coming back that the CPU keeps nothing at all." zh "刚退过页又还来一个 1 阶块：内存在大量归还，CPU 索性一页不留。"
free pair[0]
