import assert from "node:assert/strict";
import { test } from "node:test";

import { launches, type Places } from "../src/server/candidates";
import { saidSettings } from "../src/settings";

const PLACES: Places = {
  serverPath: "",
  interpreter: "",
  selected: "/home/me/project/.venv/bin/python",
  own: "/storage/server/bin/python",
  onPath: "/usr/bin/paceline",
  isTrusted: true,
  folders: ["/home/me/project"],
};

function commands(more: Partial<Places> = {}): string[] {
  return launches({ ...PLACES, ...more }).map((launch) => launch.command);
}

test("the selected environment comes first, then our own, then the PATH", () => {
  assert.deepEqual(commands(), [PLACES.selected, PLACES.own, PLACES.onPath]);
});

test("what the settings name is the only one tried", () => {
  assert.deepEqual(commands({ serverPath: "/opt/paceline" }), ["/opt/paceline"]);
  assert.deepEqual(commands({ interpreter: "/opt/python" }), ["/opt/python"]);
});

test("nothing inside of a workspace is started before it is trusted", () => {
  assert.deepEqual(commands({ isTrusted: false }), [PLACES.own, PLACES.onPath]);
  assert.deepEqual(commands({ isTrusted: false, serverPath: "/home/me/project/evil" }), []);
  assert.deepEqual(commands({ isTrusted: false, interpreter: "/home/me/project/../project/evil" }), []);
  assert.deepEqual(commands({ isTrusted: false, onPath: "/home/me/project/paceline" }), [PLACES.own]);
});

test("a relative path is never started: it would depend on the folder we are in", () => {
  assert.deepEqual(commands({ serverPath: "./paceline" }), []);
  assert.deepEqual(commands({ serverPath: "paceline" }), ["paceline"]);
});

test("a server's folder is not searched for modules", () => {
  assert.deepEqual(launches(PLACES)[0]?.args, ["-P", "-m", "paceline"]);
});

test("only what somebody has said is sent, without the extension's own settings", () => {
  const said: Record<string, unknown> = { "judge.minimum_gain": 0.2, "team.rounds": 2, "server.path": "/x" };
  const found = saidSettings(
    ["rounds", "judge.minimum_gain", "judge.confidence", "team.rounds", "server.path"],
    (key) => (key in said ? { workspaceValue: said[key] } : {}),
    (key) => said[key],
  );
  assert.deepEqual(found, { judge: { minimum_gain: 0.2 }, team: { rounds: 2 } });
});
