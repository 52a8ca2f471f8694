# A module system in small: options, definitions, merging by type, and configuration that reads itself.
let
  modules = [
    ({ config }: {
      options.count = { merge = builtins.foldl' (a: b: a + b) 0; };
      options.names = { merge = builtins.concatLists; };
      options.summary = { merge = builtins.head; };
      config.summary = "${toString config.count} of ${toString (builtins.length config.names)}";
    })
    ({ config }: { config.count = 2; config.names = [ "a" ]; })
    ({ config }: { config = { count = 3; names = if config.count > 4 then [ "b" "c" ] else [ ]; }; })
  ];
  applied = map (m: { options = { }; } // m { inherit config; }) modules;
  options = builtins.foldl' (a: m: a // m.options) { } applied;
  definitions = name: builtins.concatMap (m: if m.config ? ${name} then [ m.config.${name} ] else [ ]) applied;
  config = builtins.mapAttrs (name: option: option.merge (definitions name)) options;
in
config
