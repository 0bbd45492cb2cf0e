DROP TABLE tomorrow_mail;
DROP TABLE box_note;
DROP TABLE board_box;
DROP TABLE board_day;
DROP TABLE pack;
