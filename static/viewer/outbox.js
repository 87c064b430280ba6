// Edits on their way to Python. Streamlit keeps only the newest message of a kind, so each message carries every edit
// that Python has not answered yet; Python takes each once, by its number.

const PATIENCE = 4000; // ms without an answer after which a message is taken for lost

export class Outbox {
  /** `send(edits)` hands a list of edits to Streamlit. */
  constructor(send) {
    this.send = send;
    this.waiting = [];
    this.last = 0;
    this.answered = 0;
  }

  /** Send an edit; returns its number. */
  push(edit) {
    this.last = Math.max(this.last + 1, Date.now());
    this.waiting.push({ ...edit, seq: this.last });
    this.#post();
    return this.last;
  }

  /** Python has dealt with everything up to this number. */
  answer(seq) {
    this.answered = Math.max(this.answered, seq);
    this.last = Math.max(this.last, seq);
    this.waiting = this.waiting.filter((edit) => edit.seq > seq);
    if (!this.waiting.length) clearTimeout(this.timer);
  }

  get settled() {
    return this.waiting.length === 0;
  }

  close() {
    clearTimeout(this.timer);
  }

  #post() {
    this.send(this.waiting);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.waiting.length && this.#post(), PATIENCE);
  }
}
