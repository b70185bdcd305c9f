import type { Schema } from "../../api/client.ts";

export type Role = Schema<"User">["role"];

/** What each role may do, in one line. */
export const roleWords: Record<Role, { readonly word: string; readonly about: string }> = {
  administrator: { word: "Administrator", about: "everything, users and the bridge too" },
  publisher: { word: "Publisher", about: "writes and publishes mailings, syncs groups" },
  author: { word: "Author", about: "writes mailings, syncs groups" },
  viewer: { word: "Viewer", about: "looks at everything, changes nothing" },
};

export const roleOptions = Object.entries(roleWords).map(([value, { word, about }]) => ({
  value,
  label: `${word}: ${about}`,
}));
