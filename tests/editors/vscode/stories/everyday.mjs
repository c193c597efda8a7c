// What comes after the first suggestion: a whole file, what has changed, a change that is taught, lessons kept in order.
import {
  answerTrust,
  command,
  goTo,
  notification,
  openFile,
  reached,
  shown,
  state,
  story,
  until,
} from "./workbench.mjs";

await story(async (page) => {
  await answerTrust(page, "Yes, I trust the authors");
  await openFile(page, "logs.py");
  await until(page, "a server that runs", async () => (await state(page)) === "Paceline");
  await page.locator(".codelens-decoration", { hasText: "Could be faster" }).first().waitFor();
  reached("lenses stand above functions with hints");

  await command(page, "Paceline: Make This File Faster");
  const whole = notification(page, "Making shop/logs.py faster");
  await until(page, "counts", async () => /1 of 3, order_numbers: .*judged/.test(await whole.innerText()));
  const list = page.locator(".quick-input-widget", { hasText: "Proven faster: apply the best version" });
  await list.waitFor();
  await list.locator(".quick-input-list .monaco-list-row", { hasText: "faster" }).nth(1).waitFor();
  await page.keyboard.press("Enter");
  await until(page, "the edits", async () => {
    const text = await shown(page);
    // The first brings an import, which must not end the second.
    return text.includes("Counter(skus)") && /reverse\(\)|deque\(/.test(text);
  });
  await page.keyboard.press("Control+S");
  await page.locator(".tab.active:not(.dirty)", { hasText: "logs.py" }).waitFor();
  reached("the best version of each function is applied");

  await goTo(page, "logs.py", "Counter(skus)");
  await command(page, "Paceline: Teach This Change");
  await page.locator(".quick-input-widget", { hasText: "Teach this change" }).waitFor();
  await page.keyboard.type("count once, with a Counter");
  await page.keyboard.press("Enter");
  await notification(page, "The lesson is banked").waitFor();
  reached("a change was taught");

  await command(page, "Paceline: Show Lessons");
  const lessons = page.getByRole("tree", { name: "Lessons" });
  const taught = lessons.locator(".monaco-list-row", { hasText: "Count once, with a Counter" }).first();
  await taught.waitFor();
  await taught.hover();
  await taught.getByRole("button", { name: "Pin Lesson", exact: true }).click();
  await taught.locator(".codicon-pinned").first().waitFor();
  await taught.hover();
  await taught.getByRole("button", { name: "Open the Function It Came From" }).click();
  await until(page, "the place it came from", async () =>
    (await page.locator(".statusbar-item", { hasText: /^Ln \d+, Col/ }).innerText()).includes("Col 5"),
  );
  await taught.hover();
  await taught.getByRole("button", { name: "Forget Lesson" }).click();
  await page.locator(".monaco-dialog-box").getByRole("button", { name: "Forget" }).click();
  await taught.waitFor({ state: "detached" });
  reached("the lesson was pinned, found again and forgotten");

  await command(page, "Paceline: Make Changed Functions Faster");
  const ended = notification(page, /nothing faster is proven among \d functions of the changed code/);
  const offered = page.locator(".quick-input-widget", { hasText: "Proven faster" });
  await ended.or(offered).first().waitFor();
  reached("what has changed was looked at");
});
