// Reads in turn. Two readings at once could overtake each other, and the page would end with the older one.

/** Calls `read` with the set of everything that was asked for since the last reading began; one reading at a time. */
export class Refresher {
  #read;
  #wanted = new Set();
  #current = Promise.resolve();
  #next = null;

  constructor(read) {
    this.#read = read;
  }

  /** Ask for something to be read by a reading that has not begun yet; settles when it has ended. */
  ask(what) {
    this.#wanted.add(what);
    this.#next ??= this.#afterCurrent();
    return this.#next;
  }

  async #afterCurrent() {
    await this.#current;
    const batch = this.#wanted;
    this.#wanted = new Set();
    this.#next = null;
    const reading = this.#read(batch);
    this.#current = reading.catch(() => undefined);
    return reading;
  }
}
