-- What a notice is about (JSON list of ids): once it is in somebody's hands nobody is rung for it, and it goes with an erased buyer.
ALTER TABLE notice ADD COLUMN about TEXT NOT NULL DEFAULT '[]';
