export interface Question {
  title: string;
  text?: string;
  /** The words on the button that goes ahead. */
  yes: string;
  danger?: boolean;
}

interface Asked extends Question {
  answer: (yes: boolean) => void;
}

let asked = $state.raw<Asked | null>(null);

export const confirming = {
  get question(): Asked | null {
    return asked;
  },
};

/** Asks before something that cannot be undone; prefer a toast with `undo` wherever it can. */
export function confirm(question: Question): Promise<boolean> {
  asked?.answer(false);
  return new Promise((resolve) => {
    asked = {
      ...question,
      answer(yes) {
        asked = null;
        resolve(yes);
      },
    };
  });
}
