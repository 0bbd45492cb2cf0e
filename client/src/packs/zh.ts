export const zh = {
  "packs.title": "任务包",
  "packs.lead":
    "启用后，系统每天按排班自动生成这些任务并分给当班的人；停用后，还没有人动过的今天和明天的任务会撤下，做过的保留。",
  "packs.on": "已启用",
  "packs.off": "未启用",
  "packs.switch": "启用任务包：{name}",
  "packs.count": "{n} 项任务",
  "packs.show": "查看任务",
  "packs.switched_on": "已启用「{name}」",
  "packs.switched_off": "已停用「{name}」",
  "packs.everyone": "全体客服",
  "packs.empty": "还没有任务包",
  "packs.empty_text": "任务包由服务器提供，连上服务器后会自动出现。",
  "packs.loading": "正在载入任务包",
};
