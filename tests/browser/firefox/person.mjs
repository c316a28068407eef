/** `node person.mjs FIREFOX PAGE ANSWER DRAFT`: does what a person does on a page, in Firefox. */
import puppeteer from "puppeteer-core";

const [executablePath, url, answer, draft] = process.argv.slice(2);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

const browser = await puppeteer.launch({ browser: "firefox", executablePath, timeout: 120_000 });
try {
  const page = await browser.newPage();
  const thrown = [];
  page.on("pageerror", (error) => thrown.push(error.message));
  await page.goto(url);
  await page.evaluate(
    (answer, draft) => {
      document.body.innerHTML = `
        <article><div></div><button id="copy">Copy</button>
        <b data-ai-action="rating:-1" data-ai-reason="outdated">Bad</b></article>
        <form><textarea>hello there my friend</textarea><button id="use">Use</button></form>`;
      const shown = document.querySelector("div");
      shown.textContent = "word ".repeat(200);
      shown.dataset.aiOutput = answer;
      document.querySelector("textarea").dataset.aiDraft = draft;
      document.querySelector("form").onsubmit = () => false;
      document.querySelector("#copy").onclick = () => navigator.clipboard.writeText(shown.textContent);
    },
    answer,
    draft,
  );
  await pause(1000);
  await page.click("#copy");
  await page.evaluate(() => getSelection().selectAllChildren(document.querySelector("div")));
  await page.keyboard.down("Control");
  await page.keyboard.press("c");
  await page.keyboard.up("Control");
  await page.click("textarea");
  await page.keyboard.press("End");
  await page.keyboard.type("!!");
  await page.click("#use");
  await page.click("b");
  await pause(2500);
  await page.evaluate(() => document.querySelector("div").append("more"));
  await pause(300);
  await page.goto("about:blank");
  await pause(2500);
  if (thrown.length) throw new Error(thrown.join("; "));
} finally {
  await browser.close();
}
