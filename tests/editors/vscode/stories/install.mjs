// Nobody has installed a server: the extension offers to, from what it brings, and is of use right after.
import { answerTrust, notification, openFile, reached, state, story, until } from "./workbench.mjs";

const INSTALL_MS = 200_000;

await story(async (page) => {
  await answerTrust(page, "No, I don't trust the authors");
  await openFile(page, "customers.py");
  await until(page, "a status that says so", async () => (await state(page)) === "Paceline: no server");
  const offer = notification(page, "Install it into an environment of the extension's own?");
  await offer.waitFor();
  reached("the server is offered");

  await offer.getByRole("button", { name: "Install", exact: true }).click();
  await notification(page, "Installing Paceline").waitFor();
  await until(page, "a server", async () => (await state(page)) === "Paceline: hints only", INSTALL_MS);
  await page.locator(".squiggly-hint").first().waitFor({ state: "attached" });
  reached("it was installed, and gives hints");
});
