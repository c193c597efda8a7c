/** Choosing among what is proven: the figures in the list, the difference behind it, nothing applied unasked. */

import * as vscode from "vscode";

import type { Suggestion } from "../protocol";
import type { Previews } from "../previews";
import { capitalised, checks } from "../words";

/** One suggestion, and the document it is for. */
export interface Offer {
  document: vscode.TextDocument;
  suggestion: Suggestion;
}

/** What is proven for one function, the fastest first. */
export interface Offers {
  function: string;
  offers: readonly Offer[];
}

export interface Picking {
  functions: readonly Offers[];
  previews: Previews;
  /** Apply what was chosen, in this order. */
  apply(chosen: readonly Offer[]): Promise<void>;
  showEvidence(offer: Offer): Promise<void>;
}

interface Item extends vscode.QuickPickItem {
  offer?: Offer;
}

const PREVIEW: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon("diff"),
  tooltip: "Preview the Change",
};
const EVIDENCE: vscode.QuickInputButton = {
  iconPath: new vscode.ThemeIcon("graph"),
  tooltip: "Show Evidence",
};

/** Let a person choose among the suggestions of one function; the change is shown while one is looked at. */
export async function pickOne(picking: Picking): Promise<void> {
  const [only] = picking.functions;
  if (only === undefined) return;
  const items: Item[] = only.offers.map((offer, rank) => item(offer, rank === 0));
  await pick(picking, items, {
    title: `Faster versions of ${only.function}, proven on this machine`,
    placeholder: "Enter applies the version whose change is shown",
    many: false,
  });
}

/** Let a person choose for which functions the fastest proven version is applied. */
export async function pickMany(picking: Picking): Promise<void> {
  const items: Item[] = [];
  for (const { function: name, offers } of picking.functions) {
    const [best] = offers;
    if (best === undefined) continue;
    items.push(
      { label: name, kind: vscode.QuickPickItemKind.Separator },
      { ...item(best, false), picked: true },
    );
  }
  await pick(picking, items, {
    title: "Proven faster: apply the best version of each chosen function",
    placeholder: "Enter applies what is ticked",
    many: true,
  });
}

function item(offer: Offer, isBest: boolean): Item {
  const { suggestion } = offer;
  const figures = suggestion.title.slice(0, -`: ${suggestion.change}`.length);
  return {
    label: `$(${isBest ? "star-full" : "rocket"}) ${figures}`,
    description: checks(suggestion.checks),
    detail: `${capitalised(suggestion.change)} · by ${suggestion.member}`,
    buttons: [PREVIEW, EVIDENCE],
    offer,
  };
}

function pick(
  picking: Picking,
  items: Item[],
  look: { title: string; placeholder: string; many: boolean },
): Promise<void> {
  const list = vscode.window.createQuickPick<Item>();
  list.title = look.title;
  list.placeholder = look.placeholder;
  list.canSelectMany = look.many;
  list.matchOnDetail = true;
  // The preview opens an editor behind the list, which must not close it.
  list.ignoreFocusOut = true;
  list.items = items;
  if (look.many) list.selectedItems = items.filter((one) => one.picked);

  const preview = async (one: Item | undefined): Promise<void> => {
    if (one?.offer === undefined) return;
    const { document, suggestion } = one.offer;
    await picking.previews.show(document, suggestion, suggestion.title);
  };
  return new Promise((resolve) => {
    let isAccepted = false;
    const subscriptions = vscode.Disposable.from(
      list,
      list.onDidChangeActive(([active]) => void preview(active)),
      list.onDidTriggerItemButton(async ({ button, item: one }) => {
        if (button === PREVIEW) await preview(one);
        if (button === EVIDENCE && one.offer !== undefined) {
          list.hide();
          await picking.showEvidence(one.offer);
        }
      }),
      list.onDidAccept(async () => {
        isAccepted = true;
        const chosen = list.selectedItems.flatMap((one) => (one.offer ? [one.offer] : []));
        list.hide();
        await picking.previews.close();
        await picking.apply(chosen);
        resolve();
      }),
      list.onDidHide(async () => {
        subscriptions.dispose();
        if (isAccepted) return;
        await picking.previews.close();
        resolve();
      }),
    );
    list.show();
  });
}
