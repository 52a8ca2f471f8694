# Does treatment slow the growth? A mixed model of log volume: each patient has a size and a rate of their own, and the
# question is how the mean rate of the two groups differs.
library(lme4)
library(ggplot2)

volumes <- merge(read.csv("out/volumes.csv"), read.csv("out/patients.csv"))
volumes$treatment <- factor(volumes$treatment, levels = c("control", "treated"))

model <- lmer(log(volume_ml) ~ month * treatment + (month | patient), volumes,
              control = lmerControl(optimizer = "bobyqa"))
print(summary(model), correlation = FALSE)

rate <- fixef(model)[["month"]]
slower <- fixef(model)[["month:treatmenttreated"]]
error <- sqrt(vcov(model)["month:treatmenttreated", "month:treatmenttreated"])
percent <- function(x) sprintf("%.1f%%", 100 * (exp(x) - 1))
finding <- sprintf("Growth per month: %s without treatment, %s with it (difference %.3f, 95%% interval %.3f to %.3f, log scale)",
                   percent(rate), percent(rate + slower), slower, slower - 1.96 * error, slower + 1.96 * error)
cat("\n", finding, "\n", sep = "")

colours <- c(control = "#B2456E", treated = "#2E7F8C")
months <- expand.grid(month = seq(0, 12, 0.25), treatment = levels(volumes$treatment))
months$volume_ml <- exp(predict(model, months, re.form = NA))
volumes$fitted <- exp(fitted(model))

growth <- ggplot(volumes, aes(month, volume_ml, colour = treatment)) +
  geom_line(aes(y = fitted, group = patient), alpha = 0.35) +
  geom_point(size = 1.4) +
  geom_line(data = months, linewidth = 1.4) +
  scale_colour_manual(values = colours) +
  scale_x_continuous(breaks = c(0, 4, 8, 12)) +
  scale_y_log10() +
  labs(x = "month", y = "volume of the lesion, ml", colour = NULL, title = "Measured volumes, and the model") +
  theme_minimal(base_size = 11) +
  theme(plot.title = element_text(size = 12), legend.position = c(0.02, 0.98), legend.justification = c(0, 1), panel.grid.minor = element_blank())

# A cut through each lesion at the first visit, and its outlines at all four.
lesions <- function(file) {
  found <- merge(read.csv(file), read.csv("out/patients.csv"))
  found$name <- paste(found$patient, found$treatment)
  found
}
cuts <- lesions("out/cuts.csv")
outlines <- lesions("out/outlines.csv")

shapes <- ggplot(outlines, aes(x, y)) +
  geom_raster(aes(fill = brightness), cuts) +
  geom_path(aes(colour = treatment, alpha = month, group = interaction(month, line)), linewidth = 0.6) +
  facet_wrap(~name, nrow = 4, scales = "free") +
  scale_fill_gradient(low = "black", high = "white", guide = "none") +
  scale_colour_manual(values = c(control = "#FF6FA5", treated = "#3FD0E4"), guide = "none") +
  scale_alpha_continuous(range = c(0.35, 1), guide = "none") +
  scale_x_continuous(expand = c(0, 0)) +
  scale_y_continuous(expand = c(0, 0)) +
  labs(title = "The first image, and outlines at 0, 4, 8 and 12 months") +
  theme_void(base_size = 11) +
  theme(aspect.ratio = 1, plot.title = element_text(size = 12, margin = margin(5, 0, 6, 0)),
        strip.text = element_text(size = 7, margin = margin(2, 0, 2, 0)))

png("out/growth.png", width = 2000, height = 1120, res = 180, type = "cairo")
grid::grid.newpage()
grid::pushViewport(grid::viewport(layout = grid::grid.layout(1, 2)))
print(growth, vp = grid::viewport(layout.pos.col = 1))
print(shapes, vp = grid::viewport(layout.pos.col = 2))
invisible(dev.off())
cat("written: out/growth.png\n")
