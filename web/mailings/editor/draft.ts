import { client, Problem, type Schema, toProblem } from "../../api/client.ts";
import { type Content, changesBetween, contentOf, type Mailing } from "../mailing.ts";

/** How the draft stands to what the server has. */
export interface DraftState {
  readonly content: Content;
  readonly saved: Mailing;
  readonly savedAt: number | null;
  readonly isDirty: boolean;
  readonly isSaving: boolean;
  /** Why it could not be saved; it is tried again by itself where that can help. */
  readonly problem: Problem | null;
  /** Somebody else's version, saved meanwhile. */
  readonly theirs: Mailing | null;
}

const unsaved = {
  code: "not_saved",
  title: "What you typed last is not saved yet",
  detail: "Restoring an earlier version would lose it.",
  wayOut: "Wait until it is saved, or take it out.",
};
const pauseMs = 1000;
const againMs = 5000;

/**
 * What is being written: saved a second after typing pauses, only what changed, and only on top of the version it was
 * changed from. Nothing typed is ever dropped: what can't be saved waits here.
 */
export class Draft {
  #state: DraftState;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #saving: Promise<void> | null = null;
  /** What the server has, as it was typed here: it may have trimmed it. */
  #base: Content;
  /** What it refused, until that is typed anew: the rest is saved without it. */
  #refused: Partial<Content> = {};
  readonly #listeners = new Set<() => void>();
  readonly #onSaved: (mailing: Mailing) => void;

  constructor(mailing: Mailing, onSaved: (mailing: Mailing) => void) {
    this.#onSaved = onSaved;
    this.#base = contentOf(mailing);
    this.#state = fresh(mailing);
  }

  state = (): DraftState => this.#state;

  subscribe = (tell: () => void): (() => void) => {
    this.#listeners.add(tell);
    return () => void this.#listeners.delete(tell);
  };

  change = (change: Partial<Content>): void => {
    const content = { ...this.#state.content, ...change };
    this.#set({ content, isDirty: !isEmpty(changesBetween(this.#base, content)) });
    if (!isEmpty(this.#toSend())) this.#later(pauseMs);
  };

  /** Saves what waits, now. */
  save = async (): Promise<void> => {
    await this.#saving;
    if (isEmpty(this.#toSend()) || this.#state.theirs) return;
    clearTimeout(this.#timer);
    this.#saving = this.#send();
    await this.#saving;
    this.#saving = null;
  };

  /** Another editor saved: taken over while nothing of ours waits; else our next save meets it. */
  takeOver = (mailing: Mailing): void => {
    const { saved, isDirty, isSaving } = this.#state;
    if (mailing.version > saved.version && !isDirty && !isSaving) this.#begin(mailing);
  };

  /** What we typed is given up for what they saved. */
  loadTheirs = (): void => {
    const { theirs } = this.#state;
    if (!theirs) return;
    this.#begin(theirs);
    this.#onSaved(theirs);
  };

  /**
   * Brings back what stood here in an earlier version. What waits is saved first, so that it is a version too.
   * @returns the version that takes this back; null where the same stood here already
   */
  restore = async (version: number): Promise<number | null> => {
    await this.save();
    const { saved, isDirty, problem } = this.#state;
    if (isDirty) throw problem ?? new Problem(409, unsaved);
    this.#set({ isSaving: true });
    try {
      const { data } = await client.POST("/api/v1/mailings/{id}/versions/{version}/restore", {
        params: { path: { id: saved.id, version } },
        body: { version: saved.version },
      });
      const { mailing, undoVersion } = data as Schema<"RestoredMailing">;
      this.#begin(mailing);
      this.#onSaved(mailing);
      return undoVersion;
    } finally {
      this.#set({ isSaving: false });
    }
  };

  /** What we typed becomes a mailing of its own. @returns its id */
  keepAsCopy = async (): Promise<string> => {
    const { content, saved } = this.#state;
    const name = `${content.name} (my version)`.slice(-200);
    const { data: made } = await client.POST("/api/v1/mailings", {
      body: { name, copyOf: saved.id, isTemplate: saved.isTemplate },
    });
    const copy = made as Mailing;
    await client.PATCH("/api/v1/mailings/{id}", {
      params: { path: { id: copy.id } },
      body: { ...bodyOf(content), name, version: copy.version },
    });
    this.#set({ isDirty: false });
    return copy.id;
  };

  stop = (): void => clearTimeout(this.#timer);

  async #send(): Promise<void> {
    const { saved } = this.#state;
    const changes = this.#toSend();
    this.#set({ isSaving: true });
    try {
      const { data } = await client.PATCH("/api/v1/mailings/{id}", {
        params: { path: { id: saved.id } },
        body: { ...bodyOf(changes), version: saved.version },
      });
      this.#arrived(data as Mailing, changes);
    } catch (error) {
      await this.#failed(toProblem(error), changes);
    } finally {
      this.#set({ isSaving: false });
    }
  }

  #arrived(saved: Mailing, sent: Partial<Content>): void {
    this.#base = { ...this.#base, ...sent };
    const isDirty = !isEmpty(changesBetween(this.#base, this.#state.content));
    this.#set({ saved, savedAt: Date.now(), isDirty, problem: isDirty ? this.#state.problem : null });
    this.#onSaved(saved);
    // What was typed while it was under way waits for the next time.
    if (!isEmpty(this.#toSend())) this.#later(pauseMs);
  }

  async #failed(problem: Problem, sent: Partial<Content>): Promise<void> {
    if (problem.code === "edited_meanwhile") {
      const params = { path: { id: this.#state.saved.id } };
      const answer = await client.GET("/api/v1/mailings/{id}", { params }).catch(() => null);
      return this.#set({ problem, theirs: (answer?.data as Mailing | undefined) ?? null });
    }
    this.#set({ problem });
    const wrong = new Set(problem.mistakes.map(({ path }) => path.split(".")[0]));
    this.#refused = {
      ...this.#refused,
      ...Object.fromEntries(Object.entries(sent).filter(([name]) => wrong.has(name))),
    };
    // Without a session, or with a mistake in it, another try alone changes nothing.
    if (problem.status === 0 || problem.status >= 500) this.#later(againMs);
    else if (wrong.size > 0 && !isEmpty(this.#toSend())) this.#later(0);
  }

  /** What differs from what the server has, without what it refuses as it stands. */
  #toSend(): Partial<Content> {
    const changes = Object.entries(changesBetween(this.#base, this.#state.content));
    const refused: Partial<Record<string, unknown>> = this.#refused;
    return Object.fromEntries(changes.filter(([name, value]) => refused[name] !== value));
  }

  #begin(mailing: Mailing): void {
    this.#base = contentOf(mailing);
    this.#refused = {};
    this.#set(fresh(mailing));
  }

  #later(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.save(), ms);
  }

  #set(change: Partial<DraftState>): void {
    this.#state = { ...this.#state, ...change };
    for (const tell of this.#listeners) tell();
  }
}

/** Lists as the API's document has them, which knows no read-only ones. */
function bodyOf({ audience, ...more }: Partial<Content>) {
  return { ...more, ...(audience && { audience: { to: [...audience.to], notTo: [...audience.notTo] } }) };
}

function fresh(saved: Mailing): DraftState {
  const content = contentOf(saved);
  return { content, saved, savedAt: null, isDirty: false, isSaving: false, problem: null, theirs: null };
}

const isEmpty = (changes: Partial<Content>) => Object.keys(changes).length === 0;
