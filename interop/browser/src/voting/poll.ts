// What is voted on in the house, by whom, and what has to come of it.

import type { Page } from "playwright-core";
import type { Names, Plan } from "./host.ts";
import type { Choice } from "./voter.ts";

export const DISTRICTS = [
  { name: ["101동", "Building 101"], legal: 240 },
  { name: ["102동", "Building 102"], legal: 220 },
  { name: ["103동", "Building 103"], legal: 40 },
] as const satisfies Plan["districts"];

export const CONTESTS = [
  { title: ["회장", "Chair"], options: [["김가람", "Kim Garam"], ["이나래", "Lee Narae"], ["박다온", "Park Daon"]], districts: [] },
  { title: ["관리규약 개정", "By-laws"], options: [["찬성", "For"], ["반대", "Against"]], districts: [] },
  { title: ["101동 대표", "Speaker of 101"], options: [["최라온", "Choi Raon"], ["정마루", "Jung Maru"]], districts: ["101동"] },
] as const satisfies Plan["contests"];

export const TRUSTEES = [["관리사무소", "Office"], ["회장 후보 김가람 측", "Kim's side"], ["회장 후보 이나래 측", "Lee's side"]] as const satisfies readonly Names[];

export const WITHDRAWN = { value: "c1/o3", name: "박다온", reason: "이사" };

/** Sums smaller than this are not opened by themselves: 103동 is counted with 102동. */
export const FLOOR = 20;
export const GROUPS = [["101동"], ["102동", "103동"]] as const;

/** What each contest of a group got: options in order, blank last. */
export type Counts = Record<string, number[]>;

/** The last choice of everybody, added up. */
export class Expected {
  private readonly last = new Map<string, { district: string; choice: Choice }>();

  vote(name: string, district: string, choice: Choice): void {
    this.last.set(name, { district, choice });
  }

  voters(): number {
    return this.last.size;
  }

  of(group: readonly string[]): { ballots: number; counts: Counts } {
    const mine = [...this.last.values()].filter(({ district }) => group.includes(district));
    const contests = CONTESTS.filter(({ districts }) => districts.length === 0 || group.some((one) => (districts as readonly string[]).includes(one)));
    const counts: Counts = {};
    for (const [place, { title, options }] of contests.entries()) {
      const row = Array<number>(options.length + 1).fill(0);
      for (const { choice } of mine) {
        const column = choice[place] ?? 0;
        const at = column === 0 ? options.length : column - 1;
        row[at] = (row[at] ?? 0) + 1;
      }
      counts[title[0]] = row;
    }
    return { ballots: mine.length, counts };
  }
}

/** The tables of a result, by the heading of their group. */
export function announced(page: Page): Promise<{ group: string; counts: Counts }[]> {
  return page.locator("main").evaluate((main) => {
    const found: { group: string; counts: Record<string, number[]> }[] = [];
    for (const part of main.querySelectorAll("h3, table")) {
      const group = found.at(-1);
      if (part.tagName === "H3") found.push({ group: part.textContent ?? "", counts: {} });
      else if (group !== undefined && part.previousElementSibling?.matches("h3, table")) {
        const votes = [...part.querySelectorAll("td.number")].map((cell) => Number((cell.textContent ?? "").replaceAll(",", "")));
        group.counts[part.querySelector("caption")?.textContent ?? ""] = votes;
      }
    }
    return found;
  });
}

/** Voters by the command. */
export const CROWD = [
  { district: "101동", first: 10, last: 37 },
  { district: "102동", first: 10, last: 31 },
  { district: "103동", first: 1, last: 6 },
] as const;

export type Unit = { district: string; label: string; name: string };

export function unitsOf({ district, first, last }: (typeof CROWD)[number]): Unit[] {
  return Array.from({ length: last - first + 1 }, (_, place) => {
    const label = `${first + place}호`;
    return { district, label, name: `${district}-${label}` };
  });
}

const MEANT: readonly Choice[] = [[1, 1, 1], [2, 1, 2], [1, 2, 0], [0, 0, 1], [3, 1, 2], [2, 2, 1], [1, 1, 2]];

/** What the voter at a place of the crowd chooses. */
export function meant(place: number, district: string): Choice {
  const choice = MEANT[place % MEANT.length] ?? [0, 0, 0];
  return district === "101동" ? choice : choice.slice(0, 2);
}
