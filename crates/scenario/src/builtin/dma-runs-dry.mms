title "DMA runs dry: is p killed?" zh "DMA 区干了：会杀 p 吗？"
ram 32M
p = exec uid=1000
d = workload 480 orders=3 unmovable=1 zone=DMA
