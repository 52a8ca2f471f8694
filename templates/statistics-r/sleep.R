# Reaction times over days without sleep, by subject: the data come with lme4.
library(lme4)
library(ggplot2)

model <- lmer(Reaction ~ Days + (Days | Subject), sleepstudy)
print(summary(model))

figure <- ggplot(sleepstudy, aes(Days, Reaction)) +
  geom_point() +
  geom_line(aes(y = fitted(model))) +
  facet_wrap(~Subject) +
  labs(x = "days without sleep", y = "reaction time in ms")
ggsave("sleep.png", figure, width = 8, height = 6, dpi = 150)
