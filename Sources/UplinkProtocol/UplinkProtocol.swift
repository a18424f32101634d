enum UplinkProtocolPlaceholder {}
