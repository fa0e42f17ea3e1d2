import { chromium } from "@playwright/test";
import { chromiumArgs } from "./playwright.config.mjs";
import { HUGE } from "./app.mjs";
const b = await chromium.launch({executablePath:"/usr/bin/chromium",args:chromiumArgs});
const c = await b.newContext({viewport:{width:1366,height:625}});
const p = await c.newPage();
p.on("console",m=>console.log(m.type(),m.text().slice(0,300)));
p.on("pageerror",m=>console.log("err",m));
await p.goto("http://127.0.0.1:9222/");
await p.waitForFunction(()=>window.__mm);
await p.locator(".side-tabs button").nth(1).click();
let state=1;
for (const [n,say] of [[100,0],[100,1],[200,1],[400,1],[400,0],[700,1]]) {
  const lines = ["ram 64M", "zone Normal", "pcp off"];
  for (let i=0;i<n;i++){ state = (Math.imul(state, 48271) + 11) >>> 0; if(say) lines.push(`say "${state.toString(36)} ${(state ^ 0x5bd1e995).toString(36)}"`); lines.push(`n${state.toString(36)} = alloc order=0 anon`);}
  const text=lines.join("\n")+"\n";
  const t=Date.now();
  await p.locator("#scenario-text").fill(text);
  const r = await p.evaluate(async (text)=>{ const t=performance.now(); while(!(__mm.text()===text && __mm.surveyed())) {await new Promise(r=>setTimeout(r,5)); if(performance.now()-t>20000) return ["timeout",__mm.text()===text,__mm.surveyed(),__mm.total()];} return performance.now()-t},text);
  console.log(n,say,Date.now()-t,r, await p.locator(".problems").innerText().then(x=>x.slice(0,80)));
}
await p.locator("#scenario-text").fill(HUGE);
await p.waitForFunction((text) => window.__mm.text() === text && window.__mm.surveyed(), HUGE);
console.log(await p.evaluate(async()=>{
  const slider=document.querySelector("[role=slider]");
  const t=async(f,ok)=>{const s=performance.now();f();let a=null;while(!ok()){await new Promise(r=>setTimeout(r))};a=performance.now()-s; while(slider.getAttribute("aria-valuenow")!==String(__mm.global()))await new Promise(r=>setTimeout(r)); return [Math.round(a),Math.round(performance.now()-s)]};
  const k=key=>()=>document.body.dispatchEvent(new KeyboardEvent("keydown",{key,bubbles:true}));
  const out={seek:[],back:[],fwd:[]};let place=17;
  for(let i=0;i<12;i++){place=(place*7919+11)%12000; out.seek.push(await t(()=>__mm.seek(place,0),()=>__mm.cursor()[0]===place)); let g=__mm.global(); out.back.push(await t(k("ArrowLeft"),()=>__mm.global()===g-1)); g=__mm.global(); out.fwd.push(await t(k("ArrowRight"),()=>__mm.global()===g+1));}
  return out;
}));
await b.close();
